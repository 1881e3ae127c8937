"""The recipe of Slipstream's default model: from package names to a model folder."""
