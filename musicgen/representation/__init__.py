"""Scores as models see them: token sequences (LSTM) and piano rolls (GAN). Pure."""
