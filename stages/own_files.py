"""What the user's own files are by now: DVC asks with every run, and reruns the stages that read them."""

import checkout  # first: the code of this checkout, whatever is installed

from labelnoise import artifacts, own_data, params, stage

if __name__ == "__main__":
    with stage.running(checkout.SOURCES):
        own_data.write(params.load(), artifacts.OWN_FILES)
