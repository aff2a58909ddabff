"""The IPython shell around the verbs."""
