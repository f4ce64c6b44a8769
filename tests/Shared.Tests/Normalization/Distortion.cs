namespace MnistLstm.Shared.Tests.Normalization;

/// <summary>What can happen to a picture between the hand and the service.</summary>
public enum Distortion
{
    /// <summary>Turned by up to 12 degrees.</summary>
    Turned,

    /// <summary>Light that falls off to one side, to less than half.</summary>
    Light,

    /// <summary>A shadow's edge across, sharp or soft.</summary>
    Shadow,

    /// <summary>A third of the contrast, around grey.</summary>
    Pale,

    /// <summary>Grain of 8 to 22 levels.</summary>
    Grain,

    /// <summary>Out of focus, by up to a sixtieth of the longer side.</summary>
    Blurred,

    /// <summary>Reduced to 24 to 60 pixels.</summary>
    Small,

    /// <summary>Light and dark changed over.</summary>
    Inverted,
}
