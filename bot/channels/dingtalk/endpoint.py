"""Where DingTalk's API is, as its own library has it: DINGTALK_OPENAPI_ENDPOINT may name it."""

from dingtalk_stream.utils import DINGTALK_OPENAPI_ENDPOINT  # type: ignore[import-untyped]

ENDPOINT = str(DINGTALK_OPENAPI_ENDPOINT)
