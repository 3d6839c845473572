package outbox

import "slices"

// kind is one kind of destination: a line here, a file and its test are all
// that another one takes.
type kind struct {
	name  string // as the configuration says it
	about string // one line
	make  func(d *draft) Destination
}

// kinds lists them in the order of the documentation.
var kinds = []kind{
	{"webhook", "signed JSON for any receiver of HTTP", newWebhook},
	{"mail", "mail by SMTP, a thread for each case", newMail},
	{"alertmanager", "alerts in Prometheus Alertmanager (API v2)", newAlertmanager},
	{"pagerduty", "alerts in PagerDuty (Events API v2)", newPagerDuty},
	{"slack", "messages in Slack, Mattermost or Rocket.Chat", newSlack},
	{"teams", "messages in Microsoft Teams", newTeams},
	{"servicenow", "incidents in ServiceNow (Table API)", newServiceNow},
	{"servicenow-events", "events for ServiceNow's Event Management", newServiceNowEvents},
	{"jira-cloud", "issues in Jira Cloud", newJiraCloud},
	{"jira", "issues in Jira Data Center", newJiraDataCenter},
	{"salesforce", "cases in Salesforce, by upsert", newSalesforce},
	{"zendesk", "tickets in Zendesk Support", newZendesk},
	{"rt", "tickets in Request Tracker 5 (REST2)", newRT},
}

// kindNamed finds a kind; nil where there is none.
func kindNamed(name string) *kind {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })
	if i < 0 {
		return nil
	}
	return &kinds[i]
}

// kindNames lists their names.
func kindNames() []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}
