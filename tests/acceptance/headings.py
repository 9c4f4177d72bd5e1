"""The sheets and headings of the twelve reports, written by hand from the specification and never from the code.

`…` stands for columns that the data decide: one per bank, status, type or reason. Charts and Export Info come last.
"""

from collections.abc import Mapping

CALL_DETAILS = (
    "Call Number | Call Type | Status | Priority | Client Bank | Client Name | Client Contact | Client Phone"
    " | Client Address | Client ID | Latitude | Longitude | Scheduled Date | Scheduled Time Window | Assigned Engineer"
    " | Assigned At | Started At | Completed At | Response Time (min) | Resolution Time (min) | Estimated Duration"
    " | Actual Duration | Requires Device | Requires Photo | Description | Resolution Notes | Photos Count | Photo URLs"
    " | Created At | Updated At"
)
_TYPE_SPECIFIC = (
    "Call Number | Status | Priority | Client Bank | Client Name | Client Address | Scheduled Date | Assigned Engineer"
    " | Assigned At | Started At | Completed At | Response Time (min) | Resolution Time (min)"
)
TYPE_COLUMNS: Mapping[str, str] = {
    "installation": "Device Serial | Device Model | Installation Photos | Pre-Installation Checklist"
    " | Post-Installation Verification | Customer Signature",
    "swap": "Old Device Serial | New Device Serial | Swap Reason | Old Device Status | Photos (Before/After)",
    "maintenance": "Device Serial | Maintenance Type | Issues Found | Parts Replaced | Firmware Updated"
    " | Next Maintenance Due",
    "breakdown": "Device Serial | Fault Description | Root Cause | Resolution Action | Downtime (hours)"
    " | Customer Impact",
    "deinstallation": "Device Serial | Deinstallation Reason | Device Condition | Return Status | Photos (Final State)",
}
_HOURS = " | ".join(f"{hour:02}" for hour in range(24))
_PERFORMANCE = (
    "Engineer Name | Region | Bank | Total Calls Assigned | Calls Completed | Calls In Progress | Calls Cancelled"
    " | Completion Rate % | Avg Response Time (min) | Avg Resolution Time (min) | On-Time Completion %"
    " | First-Time Fix Rate % | Customer Satisfaction Score | Photos Uploaded | Distance Traveled (km)"
)
_RESPONSE = (
    "Call Number | Bank | Priority | Assigned Engineer | First Assigned At | Started At | Response TAT (min)"
    " | SLA Limit (min) | SLA State | Breach Time (min) | Note"
)
_TREND = "Total | Pending | Assigned | In Progress | Completed | Cancelled"

# The main table, the one that CSV holds, is marked in MAIN.
HEADINGS: Mapping[str, Mapping[str, str]] = {
    "call-summary": {
        "Summary": "Total Calls | Pending | Assigned | In Progress | Completed | Cancelled | Avg Resolution Time"
        " | Avg Response Time | On-Time % | SLA Met % | Open & Overdue | Unassigned | Note",
        "By Status": "Status | … | Total",
        "By Priority": "Priority | … | Total",
        "By Bank": "Bank | … | Total",
        "Trends": f"Date | {_TREND}",
        "Trends (weekly)": f"ISO Week | Week Start | {_TREND}",
    },
    "call-details": {"Call Details": CALL_DETAILS},
    "call-details-fsp": {
        "FSP Report": "Call Reference | Bank Code | Merchant Name | Merchant ID | Address | City | State | PIN Code"
        " | Contact Person | Contact Number | Call Type | Priority | Scheduled Date | Assigned Engineer Name"
        " | Engineer Phone | Attended Date | Completion Date | Status | TAT (Hours) | Device Serial | Remarks"
        " | Photo Evidence",
    },
    "call-type-specific": {
        "Summary": "Total Calls | Cancelled | Net | Completed | Completion Rate % | Avg Response Time (min)"
        " | Avg Resolution Time (min) | On-Time % | First-Time Fix % | Mandatory Evidence Missing",
        "Details": f"{_TYPE_SPECIFIC} | … | Note",
    },
    "call-details-activity": {
        "Calls": CALL_DETAILS,
        "Activity Log": "Call Number | Timestamp | Event Type | Actor (User) | From Status | To Status"
        " | Action Details | Notes | Location | IP Address | Note",
        "Photos": "Call Number | Kind | File Name | Taken At | Uploaded At | Uploaded By | Size | Link",
        "Devices": "Call Number | Role | Serial Number | Model | Status",
    },
    "rolling-volume": {
        "Volume Trend": "Period | Total Calls | New Calls | Completed Calls | Cancelled Calls"
        " | Pending (End of Period) | In Progress (End of Period) | Avg Daily Volume | Week-over-Week Change %"
        " | Month-over-Month Change % | Note",
        "Peak Days": "Rank | Date | Weekday | Total Calls",
        "Peak Hours": f"Weekday | {_HOURS}",
        "Busiest Banks": "Period | Bank | Total Calls",
    },
    "service-performance": {
        "Summary": f"Rank | {_PERFORMANCE} | Performance Score (0-100) | Note",
        "Details": _PERFORMANCE,
        "Benchmarks": "Measure | Mean | Median | P25 | P75 | P90",
    },
    "response-tat": {
        "Summary": "Bank | Priority | Total Calls | Avg Response TAT (min) | Median Response TAT (min)"
        " | 90th Percentile TAT | 95th Percentile TAT | Within SLA Count | Within SLA % | SLA Breaches"
        " | Avg Breach Time (min) | Not Started (Open) | Not Started (Breached)",
        "Details": _RESPONSE,
        "Distribution": "Bucket | Calls | %",
        "Worst 20": _RESPONSE,
    },
    "resolution-tat": {
        "Summary": "Bank | Call Type | Total Completed | Avg Resolution TAT (min) | Median Resolution TAT (min)"
        " | 90th Percentile | 95th Percentile | Min TAT | Max TAT | Std Deviation | Target Met %",
        "Details": "Call Number | Bank | Call Type | Assigned Engineer | First Assigned At | Completed At"
        " | Resolution TAT (min) | Target (min) | Target Met | Note",
        "Trends": "Date | Completed | Avg | Median",
    },
    "bounce-call": {
        "Summary": "Bank | … | Total Bounces | Bounced Calls | Assigned Calls | Bounce Rate % | Days Lost",
        "Repeat Offenders": "Kind | Name | Bounces",
        "Details": "Call Number | Client Name | Bank | Call Type | Original Assignment Date | Original Engineer"
        " | Bounce Date | Bounce Reason | Reassigned To | Final Status | Total Bounces | Days Delayed | Note",
    },
    "pending-ageing": {
        "Summary": "Ageing Bucket | … | Total",
        "Details": "Call Number | Client Name | Bank | Call Type | Priority | Scheduled Date | Days Open"
        " | Ageing Bucket | Assigned Engineer | Status | Reason for Delay | Days Since Created | SLA State",
    },
    "post-installation-survey": {
        "Summary": "Bank | Total Surveys | Avg Rating | 5-Star % | 4-Star % | 3-Star % | 2-Star % | 1-Star %"
        " | NPS Score | Response Rate % | Top Issues",
        "Details": "Call Number | Client Name | Engineer Name | Installation Date | Survey Date | Overall Rating"
        " | Installation Quality | Engineer Professionalism | Timeliness | Device Functionality | Comments"
        " | Would Recommend (Y/N)",
        "Comments": "Rating | Bank | Call Number | Client Name | Engineer Name | Survey Date | Comment",
    },
}
MAIN: Mapping[str, str] = {
    "call-summary": "By Status",
    "call-details": "Call Details",
    "call-details-fsp": "FSP Report",
    "call-type-specific": "Details",
    "call-details-activity": "Activity Log",
    "rolling-volume": "Volume Trend",
    "service-performance": "Summary",
    "response-tat": "Details",
    "resolution-tat": "Details",
    "bounce-call": "Details",
    "pending-ageing": "Details",
    "post-installation-survey": "Details",
}
TILES: Mapping[str, str] = {
    "call-summary": "Total Calls | Pending | Assigned | In Progress | Completed | Cancelled | Avg Resolution Time"
    " | Avg Response Time | On-Time % | SLA Met % | Open & Overdue | Unassigned",
    "call-details": "Total Calls | Completed | Completion Rate % | Avg Response Time | Avg Resolution Time | SLA Met %",
    "call-details-fsp": "Total | Completed | Avg TAT (Hours)",
    "call-type-specific": "Total Calls | Cancelled | Net | Completed | Completion Rate % | Avg Response Time (min)"
    " | Avg Resolution Time (min) | On-Time % | First-Time Fix % | Mandatory Evidence Missing",
    "call-details-activity": "Calls | Events | Photos | Devices",
    "rolling-volume": "Total | New | Completed | Avg Daily Volume | Peak Day | Backlog at End",
    "service-performance": "Engineers | Calls Completed | Completion Rate % | Avg Response | Avg Resolution"
    " | Best Score",
    "response-tat": "Total | Avg | Median | 90th | Within SLA % | Breaches",
    "resolution-tat": "Completed | Avg | Median | 90th | Target Met %",
    "bounce-call": "Bounced Calls | Bounce Rate % | Days Lost | Top Reason",
    "pending-ageing": "Open | Overdue | Over 7 Days | Oldest (days) | Unassigned",
    "post-installation-survey": "Surveys | Avg Rating | NPS | Response Rate %",
}
