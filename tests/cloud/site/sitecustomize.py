"""Python runs this when it starts: processes of a test find the test's cloud, not Google's.

Those that stand for Dataproc's find no package that its image lacks.
"""

import os
import sys
from importlib.machinery import PathFinder

if lacking := set(filter(None, os.environ.get("MUSICGEN_TEST_LACKING", "").split(","))):

    class _ImageFinder(PathFinder):
        @classmethod
        def find_spec(cls, name, path=None, target=None):
            return None if name in lacking else super().find_spec(name, path, target)

    sys.meta_path[sys.meta_path.index(PathFinder)] = _ImageFinder

if os.environ.get("MUSICGEN_TEST_CLOUD"):
    from wrapt import when_imported

    @when_imported("airflow.providers.google.cloud.hooks.dataproc")
    def _dataproc(module):
        from cloud.local_channels import use

        use(module.DataprocHook, module.DataprocAsyncHook)

    @when_imported("airflow.providers.google.cloud.hooks.vertex_ai.custom_job")
    def _vertex(module):
        from cloud.local_channels import use

        use(module.CustomJobHook, module.CustomJobAsyncHook)
