namespace MnistLstm.Shared.Normalization;

/// <summary>A connected part of the ink.</summary>
/// <param name="Left">First column of its bounding box, in pixels.</param>
/// <param name="Top">First row.</param>
/// <param name="Right">Column after the last.</param>
/// <param name="Bottom">Row after the last.</param>
/// <param name="Area">Pixels.</param>
/// <param name="Mass">Sum of the contrast of its pixels.</param>
/// <param name="Peak">Largest contrast of its pixels.</param>
/// <param name="EdgeContact">Pixels of the picture's outermost rows and columns that belong to it.</param>
internal record struct InkPart(
    int Left, int Top, int Right, int Bottom, int Area, long Mass, byte Peak, int EdgeContact)
{
    private const int SoftEdge = 2; // pixels

    /// <summary>Whether it is the box of a form, lines of one, or a ring around a figure, rather than a figure.</summary>
    public bool IsBox { get; init; }

    /// <summary>Sum of the contrast's steps across its outline where it is looked at, in a photo; 0 elsewhere.</summary>
    public long OutlineSteps { get; init; }

    /// <summary>What of these steps the photo itself shows.</summary>
    public long SeenSteps { get; init; }

    /// <summary>Whether it has pixels away from the picture's edge.</summary>
    public bool ReachesInside { get; init; }

    /// <summary>
    /// Share of its outline that the photo itself shows, 1 where nothing speaks against it. The rest is where the estimated paper
    /// ends: that of a shadow's edge, or of what lies between strokes where ink was taken for paper.
    /// </summary>
    public readonly double OutlineSupport => OutlineSteps == 0 ? 1 : (double)SeenSteps / OutlineSteps;

    public readonly int Width => Right - Left;

    public readonly int Height => Bottom - Top;

    public readonly int LongSide => Math.Max(Width, Height);

    /// <summary>Of its bounding box, in pixels.</summary>
    public readonly (int X, int Y) Middle => ((Left + Right) / 2, (Top + Bottom) / 2);

    /// <summary>The part that both make up together.</summary>
    public readonly InkPart Join(in InkPart other) => new(
        Math.Min(Left, other.Left),
        Math.Min(Top, other.Top),
        Math.Max(Right, other.Right),
        Math.Max(Bottom, other.Bottom),
        Area + other.Area,
        Mass + other.Mass,
        Math.Max(Peak, other.Peak),
        EdgeContact + other.EdgeContact)
    {
        ReachesInside = ReachesInside || other.ReachesInside,
        OutlineSteps = OutlineSteps + other.OutlineSteps,
        SeenSteps = SeenSteps + other.SeenSteps,
    };

    /// <summary>Whether the other's bounding box lies in this one's, give or take a soft edge.</summary>
    public readonly bool Encloses(in InkPart other) =>
        Left <= other.Left + SoftEdge && Top <= other.Top + SoftEdge && Right >= other.Right - SoftEdge && Bottom >= other.Bottom - SoftEdge;

    /// <summary>Whether the point lies in its bounding box.</summary>
    public readonly bool HasInside((int X, int Y) point) =>
        point.X >= Left && point.X < Right && point.Y >= Top && point.Y < Bottom;

    /// <summary>Distance of the bounding boxes, in pixels; 0 where they overlap or touch.</summary>
    public readonly int DistanceTo(in InkPart other)
    {
        int across = Math.Max(0, Math.Max(other.Left - Right, Left - other.Right));
        int down = Math.Max(0, Math.Max(other.Top - Bottom, Top - other.Bottom));
        return Math.Max(across, down);
    }
}
