"""What can be set in each lab: one frozen, self-validating config a lab. No torch here."""
