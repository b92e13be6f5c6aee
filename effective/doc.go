// Package effective works out what the management policies of an AWS
// organization come to in an account: tag, backup, AI services opt-out and the
// other policies that are not about authorization.
//
// Policies are attached to the root, to organizational units and to accounts.
// What applies to an account is merged from all of them, from the root down, by
// operators that each policy uses (@@assign, @@append, @@remove) and that a
// policy may forbid to those below it (@@operators_allowed_for_child_policies).
//
//   - [Parse] checks one document as CreatePolicy does and lists every defect.
//   - [Merge] gives the effective policy of a chain of levels, as
//     DescribeEffectivePolicy shows it, and what is invalid about it.
//   - [State] is a merge that goes on: the levels that many accounts share are
//     merged once.
//   - [State.Explain] tells for each setting which policy at which level said
//     what, and what was ignored because a policy above forbids it.
//   - [TagRules] checks the tags of a resource against an effective tag policy.
//
// What a type of policy may say is data: one file per type in the directory
// schema. The package does no input or output and keeps nothing between calls.
package effective
