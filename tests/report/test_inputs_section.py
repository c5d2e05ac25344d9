import html

from labelnoise import results
from labelnoise.report import inputs

TITLE = "What the input shows by itself"


def test_faults_are_counted_and_named(tables):
    frame = inputs.faults(tables["input_faults"]).frame
    assert sorted(frame["count"]) == ["1", "1", "1,234"]
    row = frame.set_index("row").loc["files that are no images: left out"]
    assert list(row) == ["1,234", "a.txt, b.txt"]
    nowhere = tables["input_faults"].assign(where=float("nan"))
    assert set(inputs.faults(nowhere).frame["where"]) == {""}


def test_copies_are_counted(tables, tmp_path):
    results.write("copies", tables["copies"], tmp_path)
    read = results.read("copies", tmp_path)
    assert inputs.copies(read) == [
        "5 examples are copies of one another, in 2 groups, 1 of them with two labels: tables/copies.csv."
    ]
    assert inputs.copies(read[read["group"] == 1]) == [
        "3 examples are copies of one another, in 1 group: tables/copies.csv."
    ]


def test_the_page_has_them_escaped(rendered):
    text = rendered.page
    assert TITLE in text and html.escape("2/<a>.png, 3/b.png") in text and "2/<a>" not in text
    assert "5 examples are copies of one another" in text
    assert "b.png" in text and "4/30.png" not in text  # of copies, the file alone is named


def test_what_is_not_there_is_left_out(bare, eventful):
    texts = (TITLE, "copies of one another", ">The input<")
    assert not any(text in bare.page + bare.summary for text in texts)
    page = eventful.page
    assert (
        ">The input<" in page and "3 examples are copies of one another, in 1 group:" in page and TITLE not in page
    )
