namespace MnistLstm.Trainer.OutOfDistribution;

/// <summary>What a picture shows that shows no digit.</summary>
public enum NonDigitKind
{
    /// <summary>A Latin, Greek or Cyrillic letter or a mathematical sign, see <see cref="LetterStrokes"/>.</summary>
    Letter,

    /// <summary>Two or three digits in a row, touching, or one over the other.</summary>
    SeveralDigits,

    /// <summary>A digit upside down, mirrored or on its side, where that is no other digit.</summary>
    TurnedDigit,

    /// <summary>A digit crossed out.</summary>
    StruckDigit,

    Scribble,

    /// <summary>A face, a house, a star, a spiral and the like.</summary>
    Drawing,

    /// <summary>A filled shape, or what is left of a photo of a thing: smooth shapes with hard edges and holes.</summary>
    Shape,

    /// <summary>Bars, lines with axes, grids, checkerboards, frames.</summary>
    Chart,

    /// <summary>Noise or stripes.</summary>
    Texture,

    /// <summary>A dot or a dash.</summary>
    Speck,
}
