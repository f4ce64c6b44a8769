namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>The kinds of pictures that show no digit.</summary>
public enum NonDigitKind
{
    /// <summary>A Latin, Greek or Cyrillic letter or a mathematical sign, see <see cref="LetterStrokes"/>.</summary>
    Letter,

    /// <summary>A letter of another script, see <see cref="LetterStrokes"/>.</summary>
    ScriptLetter,

    /// <summary>A letter of no script, see <see cref="InventedLetters"/>.</summary>
    InventedLetter,

    /// <summary>Two or three digits in a row, touching, or one over the other.</summary>
    SeveralDigits,

    /// <summary>A digit upside down, mirrored or on its side, where that is no other digit.</summary>
    TurnedDigit,

    /// <summary>A digit crossed out.</summary>
    StruckDigit,

    /// <summary>Parts of two digits put together, where the result is not a digit.</summary>
    MixedDigit,

    Scribble,

    /// <summary>A face, a house, a star, a spiral and the like.</summary>
    Drawing,

    /// <summary>A filled shape, or what is left of a photo of a thing: smooth, with hard edges and holes.</summary>
    Shape,

    /// <summary>A thing before a plain background, in gray, see <see cref="Silhouettes"/>.</summary>
    Silhouette,

    /// <summary>Texture and edges from side to side, in gray, see <see cref="PhotoFragments"/>.</summary>
    PhotoFragment,

    /// <summary>Bars, lines with axes, grids, checkerboards, frames.</summary>
    Chart,

    /// <summary>Noise or stripes.</summary>
    Texture,

    /// <summary>A dot or a dash.</summary>
    Speck,
}
