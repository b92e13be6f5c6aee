package identity

import "regexp"

// SetAlias gives the account an alias in the place of the one that it has. That no other account has it is for the
// caller to see to. It refuses an alias outside iam:CreateAccountAlias's constraints as ValidationError.
func (d *Draft) SetAlias(alias string) error {
	if len(alias) < 3 || len(alias) > 63 || !aliasPattern.MatchString(alias) {
		return refuse(ValidationError, "The specified value for accountAlias is invalid. "+
			"It must be 3 to 63 lower-case letters, digits and single hyphens, with no hyphen at the ends.")
	}
	p := d.Profile()
	p.Alias = alias
	d.setProfile(p)
	return nil
}

// DeleteAlias takes the alias from the account. It refuses one that the account does not have as NoSuchEntity.
func (d *Draft) DeleteAlias(alias string) error {
	p := d.Profile()
	if p.Alias != alias || alias == "" {
		return refuse(NoSuchEntity, "The account alias %s cannot be found.", alias)
	}
	p.Alias = ""
	d.setProfile(p)
	return nil
}

// AliasTaken is the refusal of an alias that another account has, as EntityAlreadyExists.
func AliasTaken(alias string) error {
	return refuse(EntityAlreadyExists, "The account alias %s already exists.", alias)
}

var aliasPattern = regexp.MustCompile(`^[a-z0-9](-?[a-z0-9])+$`)
