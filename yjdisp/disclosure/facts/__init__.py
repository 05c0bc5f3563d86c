"""What everybody knows of the numbers: which records each counts, how they add up, and what the definitions of the units and
earlier releases say of them."""
