"""How good a translation is: BLEU and its companions, by length. No torch here."""
