"""Model files, gates and promotions: what needs scikit-learn and skops."""
