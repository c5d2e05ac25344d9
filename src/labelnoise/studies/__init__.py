"""The studies: each plans its runs, and makes its tables from what they left."""
