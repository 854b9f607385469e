"""From trained bundles to champions: versions, ledger, pointers and the rule that moves them."""
