namespace MnistLstm.Shared.Normalization;

/// <summary>A connected component of the ink.</summary>
/// <param name="Box">Its bounding box.</param>
/// <param name="Area">In pixels.</param>
/// <param name="Mass">Sum of the contrast of its pixels.</param>
/// <param name="Peak">Largest contrast of its pixels.</param>
/// <param name="EdgeContact">How many of the picture's outermost pixels belong to it.</param>
internal readonly record struct Component(Region Box, int Area, long Mass, byte Peak, int EdgeContact)
{
    /// <summary>Both combined.</summary>
    public Component Join(in Component other) => new(
        Box.Join(other.Box),
        Area + other.Area,
        Mass + other.Mass,
        Math.Max(Peak, other.Peak),
        EdgeContact + other.EdgeContact);
}
