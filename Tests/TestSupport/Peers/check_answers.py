"""Holds answers of the JSON interface against its description.

Reads {"document": text, "answers": [{"operation", "status", "contentType", "body"}]} from standard input; bodies are in base64. Schemas
are closed before, so that an answer may have no member that is not described.
"""

import base64
import json
import sys

import jsonschema

given = json.load(sys.stdin)
document = json.loads(given["document"])

try:
    import openapi_spec_validator
except ImportError:
    pass
else:
    openapi_spec_validator.OpenAPIV31SpecValidator(document).validate()


def close(schema):
    """Forbids what is not described."""
    if isinstance(schema, dict):
        if "properties" in schema and "required" in schema:
            schema["additionalProperties"] = False
        for part in schema.values():
            close(part)
    elif isinstance(schema, list):
        for part in schema:
            close(part)


schemas = document["components"]["schemas"]
close(schemas)
operations = {
    operation["operationId"]: operation
    for path in document["paths"].values()
    for operation in path.values()
}
failures = []


def check(answer):
    described = operations[answer["operation"]]["responses"].get(str(answer["status"]))
    if described is None:
        return "the status is not described"
    body = base64.b64decode(answer["body"])
    contents = described.get("content", {})
    if not contents:
        return "there is a body, and none is described" if body else None
    content = contents.get(answer.get("contentType", ""))
    if content is None:
        return f"the content type is {answer.get('contentType')}"
    schema = content["schema"]
    if not schema:
        return None
    validator = jsonschema.Draft202012Validator(
        {**schema, "components": {"schemas": schemas}},
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )
    errors = [error.message for error in validator.iter_errors(json.loads(body))]
    return "; ".join(errors) or None


for answer in given["answers"]:
    failure = check(answer)
    if failure:
        failures.append(f"{answer['operation']} {answer['status']}: {failure}")
for failure in failures:
    print(failure)
if not failures:
    print(len(given["answers"]), "answers are as described")
sys.exit(1 if failures else 0)
