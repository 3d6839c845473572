package main

import (
	"time"

	"earshot/alerting"
)

// faultWant is what a NOC wants to be told of one labelled fault. Where and when
// it was, and which calls it touched, says the generator's truth; here stands
// what follows from that by hand, with the reason.
type faultWant struct {
	scenario, fault string
	rule            string            // the shipped rule that is made for it
	severity        alerting.Severity // by the steps of the rule; see why
	why             string
	stays           bool                  // nothing proves it over
	mayMiss         bool                  // a case is welcome, not demanded
	notBefore       string                // no case may be opened sooner: a maintenance window lasts until then
	changes         []string              // that answer 6 names
	history         []alerting.UpdateKind // that the timeline has among others, in this order
}

// faultWants are the faults that make cases. Numbers are of the truth: calls
// that a fault touched, over the time that it lasted.
var faultWants = []faultWant{
	{scenario: "codec-is-trunk", fault: "b-loses", rule: "loss", severity: alerting.High, why: "8 % of all voices from a trunk with two of five calls: 20 in the busiest ten minutes, and most of them"},
	{scenario: "codec-mismatch", fault: "b-law", rule: "codec-mismatch", severity: alerting.Medium, why: "the rule has one severity"},
	{scenario: "codec-on-one-trunk", fault: "b-g729", rule: "loss", severity: alerting.Medium, why: "21 calls in an hour: never 20 in ten minutes"},
	{scenario: "failed-calls", fault: "b-refuses", rule: "service-unavailable", severity: alerting.High, why: "39 calls in an hour, two of three: 20 in half an hour and more than 40 %"},
	{scenario: "fault-ends", fault: "b-loses", rule: "loss", severity: alerting.High, why: "36 calls in 25 minutes: 20 in the busiest ten minutes, and nearly all of them"},
	{scenario: "flapping", fault: "b-flaps", rule: "loss", severity: alerting.Medium, why: "36 calls in six bouts: never 20 in ten minutes"},
	{scenario: "gateway-upgraded", fault: "b-upgraded", rule: "loss", severity: alerting.High, why: "8 % of all voices from a trunk with two of five calls: 20 in the busiest ten minutes, and most of them",
		changes: []string{"MediaGateway/8.0", "MediaGateway/7.20", "DSCP 0"}},
	{scenario: "jitter-one-site", fault: "hamburg-queues", rule: "jitter", severity: alerting.Medium, why: "95 calls in an hour: never 50 in ten minutes"},
	{scenario: "late-one-site", fault: "munich-stalls", rule: "late-packets", severity: alerting.Medium, why: "43 calls in an hour: never 50 in ten minutes"},
	{scenario: "latency-one-trunk", fault: "a-detours", rule: "latency", severity: alerting.High, why: "131 calls in an hour, two voices each: 50 in ten minutes, and all of them"},
	{scenario: "loss-behind-the-probe", fault: "b-loses-ours", rule: "loss-behind-the-probe", severity: alerting.High, why: "87 calls in an hour: 20 in the busiest ten minutes, and nearly all of them"},
	{scenario: "loss-one-trunk", fault: "b-loses", rule: "loss", severity: alerting.High, why: "82 calls in an hour: 20 in the busiest ten minutes, and most of them"},
	{scenario: "many-small-sites", fault: "north-loses", rule: "loss", severity: alerting.High, why: "two thirds of all calls out, seen on the trunks: 20 in ten minutes on trunk-a"},
	{scenario: "maintenance-outlasted", fault: "b-work-goes-wrong", rule: "loss", severity: alerting.High, why: "10 % of all voices from trunk-b: 20 in the busiest ten minutes, and most of them", notBefore: "2026-01-06T09:20:00Z"},
	{scenario: "marking-lost", fault: "hamburg-unmarks", rule: "marking-lost", severity: alerting.Low, why: "the rule has one severity"},
	{scenario: "missing-media", fault: "b-silent", rule: "missing-media", severity: alerting.High, why: "42 calls in an hour, half of all: 10 in half an hour, not 50"},
	{scenario: "one-bad-codec", fault: "g729-suffers", rule: "loss", severity: alerting.Medium, why: "78 calls in an hour over three trunks: never 20 in ten minutes on one, never 50 in half an hour"},
	{scenario: "one-percent", fault: "a-few", rule: "heavy-loss-of-few", severity: alerting.Low, why: "9 calls in two hours", mayMiss: true},
	{scenario: "one-way", fault: "b-one-way", rule: "one-way-audio", severity: alerting.High, why: "56 calls in an hour, 60 % of all: 10 in half an hour, not 50"},
	{scenario: "post-dial-delay", fault: "b-slow", rule: "post-dial-delay", severity: alerting.Medium, why: "the rule has one severity"},
	{scenario: "registration-storm", fault: "berlin-storms", rule: "registration-storm", severity: alerting.Medium, why: "100 registrations a minute, not 5,000"},
	{scenario: "registrations-fail", fault: "hamburg-barred", rule: "registrations-failed", severity: alerting.Medium, why: "183 in half an hour: never 100 in ten minutes"},
	{scenario: "returns", fault: "b-loses", rule: "loss", severity: alerting.Medium, why: "27 calls each time: never 20 in ten minutes",
		history: []alerting.UpdateKind{alerting.UpdateOpened, alerting.UpdateRestored, alerting.UpdateImpaired, alerting.UpdateRestored}},
	{scenario: "short-calls", fault: "b-short", rule: "short-calls", severity: alerting.Medium, why: "the rule has one severity"},
	{scenario: "traffic-stops", fault: "b-loses", rule: "loss", severity: alerting.Medium, why: "41 calls in half an hour: never 20 in ten minutes", stays: true},
	{scenario: "two-faults", fault: "b-loses", rule: "loss", severity: alerting.High, why: "79 calls in 50 minutes: 20 in the busiest ten minutes, and most of them"},
	{scenario: "two-faults", fault: "hamburg-queues", rule: "jitter", severity: alerting.Medium, why: "81 calls in 50 minutes: never 50 in ten minutes"},
	{scenario: "two-losses", fault: "b-loses", rule: "loss", severity: alerting.High, why: "81 calls in 50 minutes: 20 in the busiest ten minutes, and most of them"},
	{scenario: "two-losses", fault: "munich-loses", rule: "loss", severity: alerting.Medium, why: "33 calls in 50 minutes: never 20 in ten minutes"},
	{scenario: "user-agent", fault: "cisco-firmware", rule: "jitter", severity: alerting.Medium, why: "45 calls in an hour: never 50 in ten minutes"},
}

// quietWants are the scenarios that make no case about the network.
var quietWants = []string{"maintenance", "quiet-days", "small-numbers"}

// changedWants are the scenarios in which something changes on the wire.
var changedWants = []string{"codec-mismatch", "gateway-upgraded", "marking-lost"}

// probeWant is the scenario in which the probe itself is at fault, for these 20 minutes.
const (
	probeWant     = "probe-overload"
	probeFrom     = "2026-01-06T09:00:00Z"
	probeTo       = "2026-01-06T09:20:00Z"
	probeSeverity = alerting.High // 12 % of the frames, more than 5 %
)

// What may pass between the earliest instant at which the truth makes a rule hold
// and the case: a stream is judged every five seconds, and a little loss does not
// show in each of them. The same for the end, where the windows have steps too.
const (
	openSlack    = 150 * time.Second
	restoreSlack = 90 * time.Second
	alertSlack   = 5 * time.Second // from an alert's "for" to its case
)
