// Package identity is one account as a state machine: its names, its membership in an organization, its users,
// groups, roles, managed policies, access keys and sessions, and the rules that IAM and STS apply to them.
//
// What users, groups and roles have in common is an [Entity], and the rules about it are written once, for a [Ref]: what
// names one of the three. Entities refer to each other: to policies, to groups, to their keys. An ordered set of these
// links, which is never stored but follows from the entities, tells at once who uses a policy, who is in a group, and
// whether something may be deleted.
//
// The package is pure: it reads no clock, no disk and no network, time and randomness are arguments. An [Account] never
// changes once it is published; a [Draft] is a copy-on-write copy of it, changed by the rules, from which the next
// Account and the rows to store are taken.
package identity
