//! The way from a body to a value in it, kept on the stack and written as a pointer only when needed.

/// A place in a body.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// The body itself.
    Root,
    /// A member of an object.
    Key(&'a Place<'a>, &'a str),
    /// An element of a list.
    Index(&'a Place<'a>, usize),
}

impl Place<'_> {
    /// The JSON pointer (RFC 6901) to this place.
    pub fn pointer(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) {
        match self {
            Self::Root => {}
            Self::Key(parent, name) => {
                parent.write(text);
                text.push('/');
                // A name may be as long as a text; a pointer is for people.
                for character in name.chars().take(200) {
                    match character {
                        '~' => text.push_str("~0"),
                        '/' => text.push_str("~1"),
                        other => text.push(other),
                    }
                }
            }
            Self::Index(parent, index) => {
                parent.write(text);
                text.push('/');
                text.push_str(&index.to_string());
            }
        }
    }
}
