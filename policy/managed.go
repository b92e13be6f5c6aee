package policy

// FullAWSAccess returns the AWS managed service control policy p-FullAWSAccess, which allows
// everything.
func FullAWSAccess() *Policy { return fullAWSAccess }

// RCPFullAWSAccess returns the AWS managed resource control policy p-RCPFullAWSAccess, which allows
// everything and is attached to every level. Nobody else can write a resource control policy that
// says Allow: [Parse] refuses its text.
func RCPFullAWSAccess() *Policy { return rcpFullAWSAccess }

var (
	fullAWSAccess    = Compile(everything(ServiceControlPolicy, nil))
	rcpFullAWSAccess = Compile(everything(ResourceControlPolicy, []Principals{{Type: "*", Values: []string{"*"}}}))
)

func everything(kind Kind, principals []Principals) *Document {
	return &Document{Kind: kind, Version: Version2012, Statements: []Statement{
		{Effect: Allow, Principals: principals, Actions: []string{"*"}, Resources: []string{"*"}},
	}}
}
