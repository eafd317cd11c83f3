"""WHERE: endpoints, and the addresses of repositories on them."""

from hfpush.endpoints.book import Book
from hfpush.endpoints.endpoint import Endpoint
from hfpush.endpoints.known import endpoint_of
from hfpush.endpoints.repo_address import RepoAddress, RepoType
from hfpush.endpoints.repo_reference import RepoReference

__all__ = ["Book", "Endpoint", "RepoAddress", "RepoReference", "RepoType", "endpoint_of"]
