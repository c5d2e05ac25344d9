"""How many labels are wrong, by answers of people to labels drawn at random: whatever a model believes."""
