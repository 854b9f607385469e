"""What MLflow's failures are told as."""

from functools import wraps

from mlflow.exceptions import MlflowException

from musicgen.errors import MusicgenError


def answered(method):
    """Let a method's failures name the server and a remedy."""

    @wraps(method)
    def call(self, *args, **kwargs):
        try:
            return method(self, *args, **kwargs)
        except MlflowException as error:
            first_line = str(error).partition("\n")[0][:200]
            raise MusicgenError(
                f"MLflow at {self.uri} doesn't answer as it should ({first_line}). Start it, or "
                "set MUSICGEN_TRACKING_URI, and run this again."
            ) from error

    return call
