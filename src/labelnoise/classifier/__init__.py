"""A classifier of new images, trained on what the noise model believes of the labels."""
