// Package identity is one account as a state machine: its names, its membership in an organization, its roles,
// access keys and sessions, and the rules that IAM and STS apply to them.
//
// The package is pure: it reads no clock, no disk and no network, time and randomness are arguments. An [Account] never
// changes once it is published; a [Draft] is a copy-on-write copy of it, changed by the rules, from which the next
// Account and the rows to store are taken.
package identity
