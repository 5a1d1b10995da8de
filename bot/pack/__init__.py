"""Evidence packs: a case's originals, its log and its words in one ZIP that anybody can check without us."""
