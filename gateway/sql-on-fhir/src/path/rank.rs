//! The operators and their ranks: a higher rank binds closer.

use super::ast::Operator;
use super::lexer::Token;

/// The operator of a word and its rank; `None` for the type operators.
pub(super) fn operator(token: &Token) -> Option<(Option<Operator>, u8)> {
    use Operator as O;
    let text: &str = match token {
        Token::Symbol(symbol) => symbol,
        Token::Name(name) => name,
        _ => return None,
    };
    Some(match text {
        "implies" => (Some(O::Implies), 1),
        "or" => (Some(O::Or), 2),
        "xor" => (Some(O::Xor), 2),
        "and" => (Some(O::And), 3),
        "in" => (Some(O::In), 4),
        "contains" => (Some(O::Contains), 4),
        "=" => (Some(O::Equal), 5),
        "!=" => (Some(O::NotEqual), 5),
        "~" => (Some(O::Alike), 5),
        "!~" => (Some(O::NotAlike), 5),
        "<" => (Some(O::Less), 6),
        "<=" => (Some(O::LessOrEqual), 6),
        ">" => (Some(O::Greater), 6),
        ">=" => (Some(O::GreaterOrEqual), 6),
        "|" => (Some(O::Union), 7),
        "is" | "as" => (None, 8),
        "+" => (Some(O::Plus), 9),
        "-" => (Some(O::Minus), 9),
        "&" => (Some(O::Concat), 9),
        "*" => (Some(O::Times), 10),
        "/" => (Some(O::Over), 10),
        "div" => (Some(O::Div), 10),
        "mod" => (Some(O::Mod), 10),
        _ => return None,
    })
}
