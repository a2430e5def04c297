//! One row of the table.

/// How a Terraform resource relates to a resource of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// It is the resource.
    Declares,
    /// AWS creates the resource together with it.
    Brings,
    /// It configures the resource; there is one of its type per resource.
    Configures,
    /// It configures a part of the resource, such as one rule of a security group, or belongs to it:
    /// there can be many, and only the evidence of a finding can select one.
    Part,
}

/// What identifies the resource of the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Id {
    /// The value of an attribute of the state; the names of nested blocks are parts of the path.
    Attribute(&'static str),
    /// Nothing: there is one per account and region.
    Region,
    /// Nothing: there is one per account.
    Account,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Relation {
    /// The kind of the related resource.
    pub kind: &'static str,
    /// How it relates.
    pub role: Role,
    /// The Terraform resource type.
    pub resource_type: &'static str,
    /// What identifies the resource of the kind.
    pub id: Id,
}
