"""Where static files are kept in production: compressed, and named by their content."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage

# Packages bring scripts whose comments look like imports of files that are not there;
# ours are all there.
OWN_SCRIPTS = "js/*.js"
_, IMPORTS = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns


class HashedAssets(CompressedManifestStaticFilesStorage):
    """Follows the imports inside our script modules too, so that a new one is never
    mixed with an old one.
    """

    patterns = (*CompressedManifestStaticFilesStorage.patterns, (OWN_SCRIPTS, IMPORTS))
