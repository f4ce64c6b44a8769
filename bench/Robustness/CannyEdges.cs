using System.Numerics;

namespace MnistLstm.Bench.Robustness;

/// <summary>Canny, "A Computational Approach to Edge Detection", 1986.</summary>
internal static class CannyEdges
{
    private const int Side = Plane.Side;
    private const float Sigma = 1;
    private const float WeakEdge = 0.1f; // of the gradient by Sobel's operator
    private const float StrongEdge = 0.2f;

    /// <returns>1 on edges, else 0.</returns>
    public static Plane Find(Plane image)
    {
        Plane smooth = image.Blur(Sigma);
        Plane alongX = Plane.From((x, y) => Slope(smooth, x, y, 1, 0));
        Plane alongY = Plane.From((x, y) => Slope(smooth, x, y, 0, 1));
        Plane gradient = Plane.From((x, y) => new Vector2(alongX[x, y], alongY[x, y]).Length());
        Plane ridge = Plane.From((x, y) => IsRidge(gradient, x, y, alongX[x, y], alongY[x, y]) ? gradient[x, y] : 0);
        var edges = new Plane();
        for (int y = 1; y < Side - 1; y++)
        {
            for (int x = 1; x < Side - 1; x++)
            {
                if (ridge[x, y] >= StrongEdge)
                {
                    Follow(ridge, edges, x, y);
                }
            }
        }

        return edges;
    }

    /// <summary>Sobel's operator.</summary>
    private static float Slope(Plane image, int x, int y, int dx, int dy)
    {
        float slope = 0;
        for (int side = -1; side <= 1; side++)
        {
            int weight = side == 0 ? 2 : 1;
            int besideX = x + (side * dy);
            int besideY = y + (side * dx);
            slope += weight * (image.Nearest(besideX + dx, besideY + dy) - image.Nearest(besideX - dx, besideY - dy));
        }

        return slope;
    }

    /// <summary>Whether the gradient has a maximum here, along its own direction.</summary>
    private static bool IsRidge(Plane gradient, int x, int y, float alongX, float alongY)
    {
        float here = gradient[x, y];
        if (here < WeakEdge)
        {
            return false;
        }

        float longest = MathF.Max(MathF.Abs(alongX), MathF.Abs(alongY));
        float dx = alongX / longest;
        float dy = alongY / longest;
        return here >= gradient.Interpolate(x + dx, y + dy) && here >= gradient.Interpolate(x - dx, y - dy);
    }

    /// <summary>Marks an edge pixel and all that continue it.</summary>
    private static void Follow(Plane ridge, Plane edges, int x, int y)
    {
        if (edges[x, y] > 0 || ridge[x, y] < WeakEdge || x is 0 or Side - 1 || y is 0 or Side - 1)
        {
            return;
        }

        edges[x, y] = 1;
        for (int neighbor = 0; neighbor < 9; neighbor++)
        {
            Follow(ridge, edges, x - 1 + (neighbor % 3), y - 1 + (neighbor / 3));
        }
    }
}
