// Package policy is an engine for the AWS IAM policy language.
//
// It parses and validates policy documents ([Parse]), compiles them ([Compile]), decides requests
// against everything that has a say in them ([Decide]) and tells why ([Explain]): service control
// policies, resource control policies, VPC endpoint policies, identity policies, permissions
// boundaries, session policies, resource policies and role trust policies, in AWS's order of
// evaluation. [Lint] finds what is legal and yet not meant.
//
// A document is compiled once and may then be used by any number of goroutines. Deciding takes no
// lock, allocates nothing and reads no clock: everything that a decision depends on is in its
// arguments. No legal policy and no request can make it slow: a decision over the longest chain
// of policies that an organization can hold takes milliseconds at worst.
//
// The rules follow the AWS IAM user guide and the AWS Organizations user guide, and where these
// are silent, what AWS was seen to do.
package policy
