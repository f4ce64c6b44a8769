namespace MnistLstm.Shared.Tests.Normalization;

/// <summary>Distortions of a picture between the hand and the service.</summary>
public enum Distortion
{
    /// <summary>Turned by up to 12 degrees.</summary>
    Turned,

    /// <summary>Light that falls off to one side, to less than half.</summary>
    Light,

    /// <summary>A shadow's edge across, sharp or soft.</summary>
    Shadow,

    /// <summary>A third of the contrast, around gray.</summary>
    Pale,

    /// <summary>Grain of 8 to 22 levels.</summary>
    Grain,

    /// <summary>Out of focus, by up to a sixtieth of the longer side.</summary>
    Blurred,

    /// <summary>Reduced to 24 to 60 pixels.</summary>
    Small,

    /// <summary>Light and dark changed over.</summary>
    Inverted,

    /// <summary>Inside a surround of another tone on two, three or four sides.</summary>
    Surround,

    /// <summary>Between two bars, black or white.</summary>
    Letterbox,

    /// <summary>Cut to the digit's box, and up to two pixels more.</summary>
    TightCut,

    /// <summary>Reduced to a fifth, on a canvas as large as before.</summary>
    FarAway,

    /// <summary>Rotated by 20 degrees, either way.</summary>
    Rotated20,

    /// <summary>Half as wide and half as high.</summary>
    HalfSize,

    /// <summary>A JPEG of quality 10.</summary>
    StrongJpeg,

    /// <summary>A part of the picture at a third of the contrast with its paper.</summary>
    PaleStroke,
}
