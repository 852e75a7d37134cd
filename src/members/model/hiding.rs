//! Hides what names people from whoever reads logs.

/// Writes nothing but its name where something that names a person is written for whoever mends a program.
macro_rules! hidden {
    ($($name:ident),+ $(,)?) => {$(
        /// It names a person: no log shows it.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )+};
}

pub(crate) use hidden;
