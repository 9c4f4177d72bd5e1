"""Rules about the code itself, read from its text; no module of the product is imported here."""
