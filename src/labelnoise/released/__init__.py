"""What papers released, evaluated as it is: their predictions, on which nothing is trained. One paper one file."""
