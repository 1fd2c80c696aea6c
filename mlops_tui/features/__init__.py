"""Column roles and recipes, turned into a scikit-learn preprocessing pipeline."""
