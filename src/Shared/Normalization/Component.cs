namespace MnistLstm.Shared.Normalization;

/// <summary>A connected component of the ink.</summary>
/// <param name="Box">Its bounding box.</param>
/// <param name="Area">In pixels.</param>
/// <param name="Mass">Sum of the contrast of its pixels.</param>
/// <param name="Peak">Largest contrast of its pixels.</param>
/// <param name="EdgeContact">How many of the picture's outermost pixels belong to it.</param>
internal readonly record struct Component(Region Box, int Area, long Mass, byte Peak, int EdgeContact)
{
    // A smaller share of another component's area is a speck; a component along this share of the picture's edge is a
    // frame.
    private const double SmallestShare = 0.015;
    private const double MaxEdgeContact = 0.12;

    /// <summary>Whether it is a speck beside another.</summary>
    public bool IsSpeckBeside(in Component other) => Area < SmallestShare * other.Area;

    /// <summary>Whether it runs along the picture's edge, as a frame.</summary>
    public bool IsAlongEdge(int width, int height) => EdgeContact > MaxEdgeContact * (width + height);

    /// <summary>Both combined.</summary>
    public Component Join(in Component other) => new(
        Box.Join(other.Box),
        Area + other.Area,
        Mass + other.Mass,
        Math.Max(Peak, other.Peak),
        EdgeContact + other.EdgeContact);
}
