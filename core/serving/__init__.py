"""What a trained model costs those who use it."""
