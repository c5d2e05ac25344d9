"""Which trainings there are, what each of them is, and what they left."""
