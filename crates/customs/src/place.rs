//! The way from a document to a value in it, kept on the stack and written as an RFC 6901 pointer only when needed.
//!
//! Notes and refusals name places; reading a sound document must not pay for them.

/// A place in a document.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// The document itself.
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
