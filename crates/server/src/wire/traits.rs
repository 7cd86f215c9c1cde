//! One conversion for each type, both ways, and the macros that write the plain ones.
//!
//! In: nothing. Out: [`Wire`], `record!`, `words!`. Must not know any record. The macros
//! build whole structs on both sides, so a field that is forgotten does not compile.

use concentric_matcher::error::Code;
use concentric_matcher::plan::Big;

use super::reader::Reader;

/// `Self` is the engine's type, `P` the wire's.
pub trait Wire<P>: Sized {
    /// Whether nothing of the wire is wrong: then it does not matter where it stands, and no step
    /// is taken.
    const PLAIN: bool = false;
    /// The wire's form.
    fn into_wire(self) -> P;
    /// The engine's form; faults go to the reader, which then refuses the whole.
    fn from_wire(wire: P, at: &mut Reader) -> Self;
}

macro_rules! same {
    ($($kind:ty),*) => {$(
        impl Wire<$kind> for $kind {
            const PLAIN: bool = true;
            fn into_wire(self) -> $kind {
                self
            }
            fn from_wire(wire: $kind, _: &mut Reader) -> Self {
                wire
            }
        }
    )*};
}
same!(String, i64, u64, u32, bool);

impl<T: Wire<P>, P> Wire<Option<P>> for Option<T> {
    const PLAIN: bool = T::PLAIN;
    fn into_wire(self) -> Option<P> {
        self.map(Wire::into_wire)
    }
    fn from_wire(wire: Option<P>, at: &mut Reader) -> Self {
        wire.map(|wire| T::from_wire(wire, at))
    }
}

impl<T: Wire<P>, P> Wire<Vec<P>> for Vec<T> {
    const PLAIN: bool = T::PLAIN;
    fn into_wire(self) -> Vec<P> {
        self.into_iter().map(Wire::into_wire).collect()
    }
    fn from_wire(wire: Vec<P>, at: &mut Reader) -> Self {
        if T::PLAIN {
            return wire.into_iter().map(|item| T::from_wire(item, at)).collect();
        }
        let items = wire.into_iter().enumerate();
        items.map(|(k, item)| at.item(k, |at| T::from_wire(item, at))).collect()
    }
}

/// Reads the field `name`.
pub fn read<T: Wire<P>, P>(name: &'static str, wire: P, at: &mut Reader) -> T {
    if T::PLAIN {
        return T::from_wire(wire, at);
    }
    at.field(name, |at| T::from_wire(wire, at))
}

impl Wire<String> for Big {
    fn into_wire(self) -> String {
        self.0.to_string()
    }
    fn from_wire(wire: String, at: &mut Reader) -> Self {
        wire.parse().map(Big).unwrap_or_else(|_| {
            at.fault(Code::FieldInvalid, "write a whole number in decimal, of at most 128 bits");
            Big(0)
        })
    }
}

/// `record! { Own, wire { a, b } or { c = 1 } named { own as wire "path" } }`: fields of the
/// same name; fields that take a default when unset; fields of another name.
macro_rules! record {
    ($own:path, $wire:path { $($field:ident),* $(,)? }
     $(or { $($def:ident = $value:expr),* $(,)? })?
     $(named { $($mine:ident as $theirs:ident $path:literal),* $(,)? })?) => {
        impl $crate::wire::traits::Wire<$wire> for $own {
            fn into_wire(self) -> $wire {
                $wire {
                    $($field: $crate::wire::traits::Wire::into_wire(self.$field),)*
                    $($($def: Some($crate::wire::traits::Wire::into_wire(self.$def)),)*)?
                    $($($theirs: $crate::wire::traits::Wire::into_wire(self.$mine),)*)?
                }
            }
            fn from_wire(wire: $wire, at: &mut $crate::wire::reader::Reader) -> Self {
                use $crate::wire::traits::read;
                $own {
                    $($field: read(stringify!($field), wire.$field, at),)*
                    $($($def: match wire.$def {
                        Some(given) => read(stringify!($def), given, at),
                        None => $value,
                    },)*)?
                    $($($mine: read($path, wire.$theirs, at),)*)?
                }
            }
        }
    };
}

/// `words! { Own, wire, unset Default { A, B } }`: enums with the same variants; without
/// `unset` the value must be there.
macro_rules! words {
    ($own:path, $wire:path $(, unset $default:ident)? { $first:ident $(, $word:ident)* $(,)? }) => {
        impl $crate::wire::traits::Wire<i32> for $own {
            fn into_wire(self) -> i32 {
                use $own as Own;
                use $wire as Theirs;
                match self {
                    Own::$first => Theirs::$first as i32,
                    $(Own::$word => Theirs::$word as i32,)*
                }
            }
            fn from_wire(wire: i32, at: &mut $crate::wire::reader::Reader) -> Self {
                use $own as Own;
                use $wire as Theirs;
                match Theirs::try_from(wire) {
                    Ok(Theirs::$first) => Own::$first,
                    $(Ok(Theirs::$word) => Own::$word,)*
                    Ok(Theirs::Unspecified) => {
                        $(return Own::$default;)?
                        #[allow(unreachable_code, reason = "only without a default")]
                        {
                            at.fault(
                                concentric_matcher::error::Code::FieldRequired,
                                "a value must be given",
                            );
                            Own::$first
                        }
                    }
                    Err(_) => {
                        let message = format!("there is no value {wire} here");
                        at.fault(concentric_matcher::error::Code::UnknownEnum, message);
                        Own::$first
                    }
                }
            }
        }
    };
}

/// `optional_words! { Own, wire { A, B } }`: after `words!`, unset is none.
macro_rules! optional_words {
    ($own:path) => {
        impl $crate::wire::traits::Wire<i32> for Option<$own> {
            fn into_wire(self) -> i32 {
                self.map_or(0, $crate::wire::traits::Wire::into_wire)
            }
            fn from_wire(wire: i32, at: &mut $crate::wire::reader::Reader) -> Self {
                (wire != 0).then(|| $crate::wire::traits::Wire::from_wire(wire, at))
            }
        }
    };
}

/// `part! { Own, wire }`: a message inside a message; unset is the default.
macro_rules! part {
    ($own:path, $wire:path) => {
        impl $crate::wire::traits::Wire<Option<$wire>> for $own {
            fn into_wire(self) -> Option<$wire> {
                let wire: $wire = $crate::wire::traits::Wire::into_wire(self);
                (wire != <$wire>::default()).then_some(wire)
            }
            fn from_wire(wire: Option<$wire>, at: &mut $crate::wire::reader::Reader) -> Self {
                let wire: $wire = wire.unwrap_or_default();
                $crate::wire::traits::Wire::from_wire(wire, at)
            }
        }
    };
}

pub(super) use {optional_words, part, record, words};
