"""How musical is it: measures, controls, one score for ranking, a report to read and to hear."""
