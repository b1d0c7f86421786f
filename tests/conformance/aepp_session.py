"""What a user of ``aepp`` does with segments: an address goes in, what came of it comes out as JSON.

Run by another Python, which has ``aepp``; this one need not have it.
"""

from __future__ import annotations

import json
import sys
import time

RULE = 'homeAddress.country = "US"'
FINAL = {"SUCCEEDED", "FAILED", "CANCELLED"}


def main(address: str, client_id: str, secret: str) -> None:
    seg = connected(address, client_id, secret)
    made = seg.createSegment(segment("us", RULE))
    endless = seg.createSegment(
        segment(
            "endless",
            "exists a from xEvent where (exists b from xEvent where a.n * b.n = -1)",
        )
    )
    told = {"made": made, "read": seg.getSegment(made["id"])}
    told["updated"] = seg.updateSegment(
        made["id"], segment("us", RULE) | {"description": "of late"}
    )
    told["bulk"] = seg.getMultipleSegments({"ids": [{"id": made["id"]}]})
    told["definitions"] = seg.getSegments()
    told["converted"] = seg.convertSegmentDef(
        "us", {"type": "PQL", "format": "pql/text", "value": RULE}
    )
    told["refused"] = seg.createSegment(segment("wrong", "nowhere ="))
    told["submitted"] = seg.createJob([made["id"]])
    told["job"] = ended(seg, told["submitted"])
    told["cancelled"] = cancelled(seg, endless)
    told["jobs"] = seg.getJobs()
    told["succeeded"] = seg.getJobs(status="SUCCEEDED")
    told["missing"] = seg.getJob("nowhere")
    told["estimate"] = estimated(seg)
    told["exports"] = seg.getExportJobs()
    told["schedules"] = seg.getSchedules()
    told["audiences"] = seg.getAudiences()
    told["deleted"] = seg.deleteSegment(endless["id"])
    print(json.dumps(told))


def connected(address, client_id, secret):
    import aepp
    from aepp import segmentation

    aepp.configure(
        org_id="O@AdobeOrg",
        client_id=client_id,
        secret=secret,
        scopes="openid,AdobeID",
        sandbox="prod",
        retry=0,
    )
    aepp.config.endpoints["global"] = address
    aepp.config.config_object["oauthTokenEndpointV2"] = f"{address}/ims/token/v3"
    return segmentation.Segmentation()


def segment(name, rule):
    return {
        "name": name,
        "description": "made by a test",
        "expression": {"type": "PQL", "format": "pql/text", "value": rule},
        "schema": {"name": "_xdm.context.profile"},
        "ttlInDays": 30,
    }


def ended(seg, job):
    return last(lambda: seg.getJob(job["id"]), lambda seen: seen["status"] in FINAL)


def cancelled(seg, definition):
    job = seg.createJob([definition["id"]])
    last(lambda: seg.getJob(job["id"]), lambda seen: seen["status"] == "PROCESSING")
    answer = seg.deleteJob(job["id"])
    return {"answer": answer, "job": ended(seg, job)}


def estimated(seg):
    preview = seg.createPreview(RULE)
    ready = last(
        lambda: seg.getEstimate(preview["previewId"]),
        lambda seen: seen.get("state") in {"RESULT_READY", "FAILED"},
    )
    return {"estimate": ready, "preview": seg.getPreview(preview["previewId"])}


def last(read, is_enough):
    deadline = time.monotonic() + 30
    while not is_enough(seen := read()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return seen


if __name__ == "__main__":
    main(*sys.argv[1:])
