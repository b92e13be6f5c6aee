package identity

// Pair makes two accounts of one owner a pair: one in the partition aws and one in AWS GovCloud (US). Either is found
// from the other, and they are closed together. It refuses accounts of other partitions as ValidationError, and those
// that are in a pair already as EntityAlreadyExists, and a closed one as AccountClosed.
func Pair(standard, govCloud *Draft) error {
	if standard.Partition() != PartitionAWS || govCloud.Partition() != PartitionGovCloud {
		return refuse(ValidationError, "Only an account of the partition %s can be paired with one in %s.", PartitionAWS, PartitionGovCloud)
	}
	if standard.Paired() != "" || govCloud.Paired() != "" {
		return refuse(EntityAlreadyExists, "The account has a GovCloud account already.")
	}
	if standard.State() == Closed {
		return refuse(AccountClosed, "The account is closed.")
	}
	standard.setPaired(govCloud.ID())
	govCloud.setPaired(standard.ID())
	return nil
}

func (d *Draft) setPaired(with AccountID) {
	p := d.Profile()
	p.Paired = with
	d.setProfile(p)
}

// Paired returns the account in the other partition that is paired with this one, empty when there is none.
func (s *state) Paired() AccountID { return s.profile.Paired }
