"""A server of Google Cloud Storage's JSON API that keeps preconditions, as emulators do not.

As much of the API as google-cloud-storage and gcsfs use: get, list, insert (simple, multipart and
resumable), copy, rewrite, delete, and batches of deletions. Generations decide every write:
``ifGenerationMatch`` on insert, copy and delete, answered by 412 where the object has moved on.
"""

import base64
import hashlib
import json
import re
import threading
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import google_crc32c

JSON = {"Content-Type": "application/json"}
OBJECT = re.compile(r"^(?:/download)?/storage/v1/b/(?P<bucket>[^/]+)/o/(?P<name>[^/]+)$")
COPY = re.compile(
    r"^/storage/v1/b/(?P<bucket>[^/]+)/o/(?P<source>[^/]+)/(?P<verb>rewriteTo|copyTo)"
    r"/b/(?P<target_bucket>[^/]+)/o/(?P<target>[^/]+)$"
)
LIST = re.compile(r"^/storage/v1/b/(?P<bucket>[^/]+)/o/?$")
UPLOAD = re.compile(r"^/(?:resumable/)?upload/storage/v1/b/(?P<bucket>[^/]+)/o$")
TIME = "2026-11-22T12:00:00.000Z"


class Refused(Exception):
    """An answer other than success."""

    def __init__(self, status):
        self.status = status


@dataclass
class Upload:
    """A resumable upload that is under way."""

    name: str
    query: dict
    data: bytearray = field(default_factory=bytearray)


class BucketServer(ThreadingHTTPServer):
    """Holds objects in memory; every bucket that is asked for is there, and they share names.

    Attributes:
        objects: content and generation by name.
        lose_answers: of so many uploads the answer is an error although they were taken.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, tuple[bytes, int]] = {}
        self.uploads: dict[str, Upload] = {}
        self.lock = threading.Lock()
        self.lose_answers = 0
        self._generation = 1_000_003

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_):
        """Say nothing: a client that is killed in mid-answer is no fault of the server's."""

    def insert(self, name, data, query):
        """Write an object if its generation is as the query demands."""
        with self.lock:
            self._demand(name, query)
            # Generations on the real service are large and have gaps.
            self._generation += 1_000_003
            self.objects[name] = (bytes(data), self._generation)

    def copy(self, source, target, query):
        """Copy an object if both generations are as the query demands."""
        with self.lock:
            if source not in self.objects:
                raise Refused(404)
            demanded = query.get("ifSourceGenerationMatch")
            if demanded and int(demanded[0]) != self.objects[source][1]:
                raise Refused(412)
            self._demand(target, query)
            self._generation += 1_000_003
            self.objects[target] = (self.objects[source][0], self._generation)

    def delete(self, name, query):
        """Delete an object if its generation is as the query demands."""
        with self.lock:
            self._demand(name, query)
            if self.objects.pop(name, None) is None:
                raise Refused(404)

    def _demand(self, name, query):
        _, generation = self.objects.get(name, (b"", 0))
        if "ifGenerationMatch" in query and int(query["ifGenerationMatch"][0]) != generation:
            raise Refused(412)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        self._serve(self._get)

    def do_POST(self):
        self._serve(self._post)

    def do_PUT(self):
        self._serve(self._continue_upload)

    def do_DELETE(self):
        self._serve(self._delete)

    def _serve(self, method):
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            self._answer(*method(parts.path, parse_qs(parts.query), body))
        except Refused as refused:
            document = {"error": {"code": refused.status, "message": "refused"}}
            self._answer(refused.status, json.dumps(document).encode(), JSON)

    def _get(self, path, query, _):
        if found := OBJECT.match(path):
            name = unquote(found["name"])
            if name not in self.server.objects:
                raise Refused(404)
            if path.startswith("/download") or query.get("alt") == ["media"]:
                return self._content(*self.server.objects[name])
            return self._described(name, found["bucket"])
        if found := LIST.match(path):
            return self._listed(found["bucket"], query)
        return 200, json.dumps({"kind": "storage#bucket", "name": path.split("/")[-1]}).encode()

    def _content(self, data, generation):
        headers = {"X-Goog-Generation": str(generation), "Content-Type": "application/octet-stream"}
        asked = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if not asked:
            return 200, data, headers
        first, last = int(asked[1]), int(asked[2] or len(data) - 1)
        if first >= len(data):
            raise Refused(416)
        part = data[first : last + 1]
        headers["Content-Range"] = f"bytes {first}-{first + len(part) - 1}/{len(data)}"
        return 206, part, headers

    def _listed(self, bucket, query):
        prefix, delimiter = (query.get(key, [""])[0] for key in ("prefix", "delimiter"))
        items, prefixes = [], set()
        for name in sorted(self.server.objects):
            if not name.startswith(prefix):
                continue
            head, found, _ = name[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
            if found:
                prefixes.add(prefix + head + delimiter)
            else:
                items.append(self._metadata(name, bucket))
        document = {"kind": "storage#objects", "items": items, "prefixes": sorted(prefixes)}
        return 200, json.dumps(document).encode(), JSON

    def _post(self, path, query, body):
        if path.startswith("/batch"):
            return self._batch(body)
        if found := COPY.match(path):
            target = unquote(found["target"])
            self.server.copy(unquote(found["source"]), target, query)
            resource = self._metadata(target, found["target_bucket"])
            if found["verb"] == "copyTo":
                return 200, json.dumps(resource).encode(), JSON
            size = resource["size"]
            document = {"done": True, "resource": resource, "totalBytesRewritten": size}
            return 200, json.dumps(document | {"objectSize": size}).encode(), JSON
        bucket = UPLOAD.match(path)["bucket"]
        kind = query["uploadType"][0]
        if kind == "resumable":
            return self._begin_upload(bucket, query, body)
        if kind == "multipart":
            name, data = self._parts(body)
        else:
            name, data = query["name"][0], body
        self.server.insert(name, data, query)
        return self._taken(name, bucket)

    def _begin_upload(self, bucket, query, body):
        name = query["name"][0] if "name" in query else json.loads(body)["name"]
        key = uuid.uuid4().hex
        self.server.uploads[key] = Upload(name, query)
        path = f"/upload/storage/v1/b/{bucket}/o?uploadType=resumable&upload_id={key}"
        return 200, b"", {"Location": self.server.address + path}

    def _continue_upload(self, path, query, body):
        upload = self.server.uploads[query["upload_id"][0]]
        upload.data += body
        told = self.headers.get("Content-Range", f"bytes */{len(upload.data)}")
        total = told.rpartition("/")[2]
        if total == "*" or len(upload.data) < int(total):
            return 308, b"", {"Range": f"bytes=0-{len(upload.data) - 1}"}
        self.server.insert(upload.name, upload.data, upload.query)
        return self._taken(upload.name, UPLOAD.match(path)["bucket"])

    def _delete(self, path, query, _):
        self.server.delete(unquote(OBJECT.match(path)["name"]), query)
        return 204, b""

    def _batch(self, body):
        boundary = re.search(r'boundary="?([^";]+)', self.headers["Content-Type"])[1]
        answers = []
        for number, part in enumerate(body.split(f"--{boundary}".encode())[1:-1]):
            asked = re.search(rb"DELETE (?:https?://[^/]+)?(\S+)", part)[1].decode()
            where = urlsplit(asked)
            try:
                self._delete(where.path, parse_qs(where.query), b"")
                status = "204 No Content"
            except Refused as refused:
                status = f"{refused.status} Refused"
            answers.append(
                f"--batch\r\nContent-Type: application/http\r\nContent-ID: <response-{number + 1}>"
                f"\r\n\r\nHTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n\r\n"
            )
        answers.append("--batch--\r\n")
        return 200, "".join(answers).encode(), {"Content-Type": "multipart/mixed; boundary=batch"}

    def _parts(self, body):
        boundary = re.search(r'boundary="?([^";]+)', self.headers["Content-Type"])[1].strip("'")
        mark = b"--" + boundary.encode()
        _, described, rest = body.split(mark, 2)
        name = json.loads(re.split(rb"\r?\n\r?\n", described, maxsplit=1)[1])["name"]
        content = re.split(rb"\r?\n\r?\n", rest, maxsplit=1)[1]
        return name, re.sub(rb"\r?\n$", b"", content[: content.rindex(mark)])

    def _taken(self, name, bucket):
        with self.server.lock:
            lost, self.server.lose_answers = self.server.lose_answers, 0
        if lost:
            raise Refused(503)
        return self._described(name, bucket)

    def _described(self, name, bucket):
        return 200, json.dumps(self._metadata(name, bucket)).encode(), JSON

    def _metadata(self, name, bucket):
        data, generation = self.server.objects.get(name, (b"", 0))
        return {
            "kind": "storage#object",
            "id": f"{bucket}/{name}/{generation}",
            "name": name,
            "bucket": bucket,
            "size": str(len(data)),
            "generation": str(generation),
            "metageneration": "1",
            "timeCreated": TIME,
            "updated": TIME,
            "storageClass": "STANDARD",
            "crc32c": base64.b64encode(google_crc32c.Checksum(data).digest()).decode(),
            "md5Hash": base64.b64encode(hashlib.md5(data).digest()).decode(),
        }

    def _answer(self, status, body, headers=None):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""
